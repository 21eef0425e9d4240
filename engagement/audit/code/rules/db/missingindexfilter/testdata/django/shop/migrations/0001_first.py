from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.AutoField(primary_key=True)),
                ("label", models.CharField(max_length=40)),
                ("weigher", models.CharField(max_length=40)),
                ("barcode_token", models.CharField(max_length=40)),
                ("removed_at", models.DateTimeField(null=True)),
                ("token", models.UUIDField(unique=True)),
            ],
        ),
        migrations.RemoveField(model_name="parcel", name="id"),
        migrations.AlterField(model_name="parcel", name="token", field=models.UUIDField(primary_key=True)),
        migrations.RenameField(model_name="parcel", old_name="token", new_name="number"),
    ]
