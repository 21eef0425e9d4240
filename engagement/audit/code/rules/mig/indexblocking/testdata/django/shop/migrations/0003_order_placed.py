from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_order_note")]
    operations = [
        migrations.AddIndex("order", models.Index(fields=["placed_at"], name="order_placed")),  # want: mig.index-blocking
    ]
