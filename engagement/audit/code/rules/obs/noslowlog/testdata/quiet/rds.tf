resource "aws_db_parameter_group" "shop" {
  family = "postgres16"
  parameter {
    name  = "log_min_duration_statement"
    value = "250"
  }
}

resource "aws_db_instance" "shop" {
  engine               = "postgres"
  parameter_group_name = aws_db_parameter_group.shop.name
}
