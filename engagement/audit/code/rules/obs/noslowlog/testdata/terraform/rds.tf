resource "aws_db_instance" "shop" { # want: obs.no-slow-log
  engine         = "postgres"
  instance_class = "db.m7g.large"
}
