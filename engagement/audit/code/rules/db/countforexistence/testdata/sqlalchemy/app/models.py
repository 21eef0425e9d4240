from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Event(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

    @classmethod
    def known(cls, name):
        return cls.query.filter(cls.name == name).count() > 0  # want: db.count-for-existence

    @classmethod
    def number(cls, name):
        return cls.query.filter(cls.name == name).count()
