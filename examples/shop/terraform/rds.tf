resource "aws_db_parameter_group" "shop" {
  name   = "shop-${var.environment}"
  family = "postgres16"

  parameter {
    name         = "max_connections"
    value        = "150"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "250"
  }
}

resource "aws_db_instance" "shop" {
  identifier              = "shop-${var.environment}"
  engine                  = "postgres"
  engine_version          = "16.3"
  instance_class          = var.db_instance_class
  allocated_storage       = 200
  storage_type            = "gp2"
  multi_az                = false
  username                = "shop"
  password                = var.db_password
  parameter_group_name    = aws_db_parameter_group.shop.name
  backup_retention_period = 7
  deletion_protection     = true
  skip_final_snapshot     = false
}

# Carts and sessions.
resource "aws_elasticache_replication_group" "shop" {
  replication_group_id       = "shop-${var.environment}"
  description                = "Carts, sessions and jobs"
  node_type                  = "cache.r7g.large"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
}
