variable "class" {
  default = "db.t4g.medium"
}

resource "aws_db_instance" "shop" { # want: ops.tf-db
  engine                  = "postgres"
  instance_class          = var.class
  multi_az                = false
  storage_type            = "gp2"
  backup_retention_period = 7
  deletion_protection     = true
  parameter_group_name    = aws_db_parameter_group.shop.name
}

resource "aws_rds_cluster" "orders" { # want: ops.tf-db
  engine                  = "aurora-postgresql"
  backup_retention_period = 1
}

resource "google_sql_database_instance" "main" { # want: ops.tf-db
  settings {
    tier = "db-f1-micro"
  }
}
