import { PrismaClient } from "@prisma/client";

const prisma = new PrismaClient();

export const resolvers = {
  Query: {
    posts: () => prisma.post.findMany({ take: 50 }),
  },
  Post: {
    comments: (post) => prisma.comment.findMany({ where: { postId: post.id }, take: 10 }), // want: db.n1-resolver
    first: (post) => prisma.comment.findUnique({ where: { id: post.firstId } }),
    loaded: (post, _args, { loaders }) => loaders.comments.load(post.id),
  },
};
