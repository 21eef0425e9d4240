"""Orders."""
from __future__ import annotations
import numpy as np, os.path
from django.db import models, transaction as tx
from .serializers import *
from ..core import (
    Base as B,  # napkin: ignore db.n1-relation
)


class Order(models.Model, metaclass=Meta):
    """An order."""
    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="orders")
    total: int = 3
    note: Optional["Note"]
    a, b = 1, 2
    if DEBUG:
        extra = 1

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "state"])]

    @property
    def lines(self) -> list[Line]:
        return [l.product.name for l in self.line_set.all() if l.active for t in l.tags]

    @classmethod
    @action(detail=True, methods=["post"])
    async def pay(cls, request, /, pk: int = None, *args: str, k, **kw):
        global cache
        async with tx.atomic(), open(path) as f:
            await cls.charge(amount=1, *args, **kw)
        async for x, y in stream():
            continue
        else:
            pass

    def get_queryset(self):
        qs = super().get_queryset().select_related("user")[:10]
        if (n := qs.count()) > 3 and not self.flag:
            qs = qs.filter(user__name__icontains=f"%{self.name!r:>{w}}%" "x")
        elif 1 < n <= 5:
            del self.cache
        else:
            yield from qs
        return qs if n else Order.objects.none()


def run(ids: List[int]) -> None:
    with open("x") as (f, g):
        pass
    try:
        for o in Order.objects.filter(id__in=ids):
            o.total += 1
            o.save()
            handlers[o.kind](o)
            make()(o)
    except (ValueError, KeyError) as e:
        raise Failure("%s failed" % o) from e
    except:
        raise
    else:
        x = y = {"a": 1, f"{k}": 2, k: 3, **rest}
    finally:
        while True:
            break
    match event:
        case Click(x=0) | None if ok():
            pass
        case {"kind": [first, *rest]}:
            a.b = 1
        case _:
            total = sum(i.price for i in items)
    fn = sorted(xs, key=lambda x, *a, d=1: x.y)
    m = {k: v for k, v in d.items()}
    assert x is not None, "no"
    cond = a not in b or -c ** 2 | d
    s = xs[1:2], xs[::2], xs[i, "k"]
    self.x, *others = {1, 2}, (3,)
    "{} {}".format(1, b"\x00")
