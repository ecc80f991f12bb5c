variable "base_url" {
  type        = string
  description = "Where the receiver answers: https, without a slash at the end"
  default     = "https://filter-ledger.example.com"

  validation {
    condition     = can(regex("^https?://[^/]+(/.*[^/])?$", var.base_url))
    error_message = "base_url is a URL without a slash at the end."
  }
}

variable "integration_name" {
  type        = string
  description = "Name of the integration; flows find its actions under it"
  default     = "Filter Ledger"
}

variable "timeout_seconds" {
  type        = number
  description = "How long Genesys Cloud waits for an answer"
  default     = 10

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 60
    error_message = "timeout_seconds is 1 to 60."
  }
}

variable "client_id" {
  type        = string
  description = "The receiver's client id, as Filter Ledger gave it out"
}

variable "client_secret" {
  type        = string
  description = "The receiver's client secret, as Filter Ledger gave it out"
  sensitive   = true
}
