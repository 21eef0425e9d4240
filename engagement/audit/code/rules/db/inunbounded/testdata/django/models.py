from django.db import models


class Post(models.Model):
    draft = models.BooleanField()


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE)


def drafts():
    ids = Post.objects.filter(draft=True).values_list("id", flat=True)
    Comment.objects.filter(post__in=ids)
    Comment.objects.filter(post_id__in=list(Post.objects.filter(draft=True).values_list("id", flat=True)[:10]))
    return Comment.objects.filter(post_id__in=list(Post.objects.filter(draft=True).values_list("id", flat=True)))  # want: db.in-unbounded
