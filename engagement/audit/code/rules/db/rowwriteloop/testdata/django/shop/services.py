from django.db import transaction

from .models import Book, Loan, Reader, Shelf


def give_back():
    for book in Book.objects.filter(lent=True):  # want: db.row-write-loop
        book.lent = False
        book.save()


def with_code_of_their_own():
    with transaction.atomic():
        for loan in Loan.objects.filter(book__lent=False):
            loan.save()
        for reader in Reader.objects.filter(name=""):
            reader.save()


def by_set():
    for shelf in Shelf.objects.filter(books=0):
        Book.objects.filter(shelf=shelf).update(lent=False)


def first_free():
    for book in Book.objects.filter(lent=False):
        book.lent = True
        book.save()
        return book


def on_failure(check):
    for book in Book.objects.filter(lent=False):
        try:
            check(book)
        except ValueError:
            book.delete()
