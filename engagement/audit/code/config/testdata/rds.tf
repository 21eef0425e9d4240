locals {
  env  = "production"
  name = "shop"
}

resource "aws_db_instance" "main" {
  identifier              = "shop-${local.env}"
  engine                  = "postgres"
  instance_class          = var.class
  allocated_storage       = 100 * 2
  storage_type            = "gp2"
  multi_az                = var.multi
  skip_final_snapshot     = true
  parameter_group_name    = aws_db_parameter_group.main.name
  password                = random_password.db.result
  availability_zone       = element(["a", "b"], 0)

  enabled_cloudwatch_logs_exports = ["postgresql"]

  tags = {
    Env = local.env
  }
  timeouts {
    create = "40m"
  }
}

resource "aws_db_parameter_group" "main" {
  family = "postgres16"
  parameter {
    name  = "log_min_duration_statement"
    value = "250"
  }
  parameter {
    name  = "statement_timeout"
    value = 60000
  }
}
