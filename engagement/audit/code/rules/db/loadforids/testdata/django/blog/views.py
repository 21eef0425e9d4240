from .models import Post


def slugs():
    titles = [p.title for p in Post.objects.filter(draft=True)]
    some = [p.slug for p in Post.objects.filter(draft=True) if p.body]
    return [p.slug for p in Post.objects.filter(draft=True).order_by("id")]  # want: db.load-for-ids
