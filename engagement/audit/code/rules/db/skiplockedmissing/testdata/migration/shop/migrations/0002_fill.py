from django.db import migrations

FILL = """
WITH todo AS (SELECT id FROM shop_order WHERE code IS NULL ORDER BY id LIMIT 1000 FOR UPDATE)
UPDATE shop_order SET code = 'x' FROM todo WHERE shop_order.id = todo.id
"""


def fill(apps, schema_editor):
    schema_editor.execute(FILL)


class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill)]
