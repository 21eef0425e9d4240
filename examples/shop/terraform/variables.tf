variable "environment" {
  type    = string
  default = "production"
}

variable "db_instance_class" {
  type    = string
  default = "db.t3.large"
}

variable "db_password" {
  type      = string
  sensitive = true
}
