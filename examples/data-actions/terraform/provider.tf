terraform {
  required_version = ">= 1.3.0"
  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = ">= 1.83.0"
    }
  }
}
