from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.AutoField(primary_key=True)),
                ("slug", models.CharField(max_length=80)),
                ("body", models.TextField()),
                ("draft", models.BooleanField()),
            ],
        ),
    ]
