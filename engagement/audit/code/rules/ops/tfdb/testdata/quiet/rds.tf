resource "aws_db_instance" "shop" {
  engine                  = "postgres"
  instance_class          = var.class
  multi_az                = var.multi_az
  storage_type            = "gp3"
  backup_retention_period = 7
  deletion_protection     = true
  parameter_group_name    = aws_db_parameter_group.shop.name
}

resource "aws_db_instance" "staging" {
  instance_class = "db.t4g.micro"
}

resource "aws_db_instance" "copy" {
  replicate_source_db = aws_db_instance.shop.identifier
  instance_class      = "db.t4g.micro"
}
