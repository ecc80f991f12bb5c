resource "genesyscloud_integration_credential" "receiver" {
  name                 = "${var.integration_name} credential"
  credential_type_name = "userDefinedOAuth"
  fields = {
    clientId     = var.client_id
    clientSecret = var.client_secret
  }
}

resource "genesyscloud_integration" "receiver" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED"

  config {
    name = var.integration_name
    # The key is basicAuth whatever the credential's type: the platform's own name.
    credentials = {
      basicAuth = genesyscloud_integration_credential.receiver.id
    }
  }
}

resource "genesyscloud_integration_custom_auth_action" "token" {
  name           = "${var.integration_name} Token"
  integration_id = genesyscloud_integration.receiver.id

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/oauth/token"
    headers = {
      "Content-Type" = "application/x-www-form-urlencoded"
      Authorization  = "Basic $encoding.base64(\"$${credentials.clientId}:$${credentials.clientSecret}\")"
    }
    request_template = "grant_type=client_credentials"
  }

  config_response {
    translation_map          = {}
    translation_map_defaults = {}
    success_template         = "$${rawResult}"
  }
}

resource "genesyscloud_integration_action" "deploy_safety_filter" {
  name                   = "Deploy Safety Filter"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Deploy Safety Filter"
    type      = "object"
    required  = ["name", "contentCategories", "blockAction", "thresholds", "falsePositiveTolerance"]
    properties = {
      name = {
        type        = "string"
        description = "The name: 3 to 128 characters, unique among the filters"
      }
      description = {
        type        = "string"
        description = "What it is for, at most 1024 characters"
      }
      filterType = {
        type        = "string"
        description = "The kind of filter: safety"
      }
      enabled = {
        type        = "boolean"
        description = "Whether it is at work; else true"
      }
      priority = {
        type        = "integer"
        description = "1 to 100, lower runs first; left out: one is allocated"
      }
      contentCategories = {
        type        = "string"
        description = "What it looks for: some of hate_speech, violence, self_harm, sexual, political, pii, phishing; with commas between, or a JSON list"
      }
      blockAction = {
        type        = "string"
        description = "What it does: block_and_log, redact_and_log, flag_and_pass"
      }
      thresholds = {
        type        = "string"
        description = "From which score on: name=number with commas between, or a JSON object"
      }
      falsePositiveTolerance = {
        type        = "number"
        description = "0 to 1: the greatest share of its interventions that may be wrong"
      }
      onConflict = {
        type        = "string"
        description = "When a filter of that name is there and differs (one of refuse, update, version)"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this request: sent twice, it is carried out once"
      }
      reason = {
        type        = "string"
        description = "Why; kept in the ledger"
      }
      ticketRef = {
        type        = "string"
        description = "The ticket or change request that it belongs to; kept in the ledger"
      }
      onBehalfOf = {
        type        = "string"
        description = "The id of whom the flow acts for; kept in the ledger"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Deploy Safety Filter"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what happened, and what to do"
      }
      deploymentId = {
        type        = "string"
        description = "What Get Deployment takes; empty when nothing was begun"
      }
      filterId = {
        type        = "string"
        description = "The filter, empty when there is none"
      }
      filterName = {
        type        = "string"
        description = "Its name: with onConflict version not always the one asked for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 when there is none"
      }
      webhookId = {
        type        = "string"
        description = "The webhook subscription that reports on it"
      }
      latencyMs = {
        type        = "integer"
        description = "How long it took, in milliseconds"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger that records it; empty when there is none yet"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when there is none"
      }
      duplicate = {
        type        = "boolean"
        description = "True when this request was answered before and this is that answer"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/deploy-filter"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status       = "$.status"
      errorCode    = "$.errorCode"
      message      = "$.message"
      deploymentId = "$.deploymentId"
      filterId     = "$.filterId"
      filterName   = "$.filterName"
      priority     = "$.priority"
      webhookId    = "$.webhookId"
      latencyMs    = "$.latencyMs"
      violations   = "$.violations"
      entryId      = "$.entryId"
      entryIndex   = "$.entryIndex"
      duplicate    = "$.duplicate"
    }
    translation_map_defaults = {
      status       = "\"\""
      errorCode    = "\"\""
      message      = "\"\""
      deploymentId = "\"\""
      filterId     = "\"\""
      filterName   = "\"\""
      priority     = "0"
      webhookId    = "\"\""
      latencyMs    = "0"
      violations   = "[]"
      entryId      = "\"\""
      entryIndex   = "-1"
      duplicate    = "false"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"deploymentId\": $${deploymentId}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"priority\": $${priority}, \"webhookId\": $${webhookId}, \"latencyMs\": $${latencyMs}, \"violations\": $${violations}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}}"
  }
}

resource "genesyscloud_integration_action" "get_filter" {
  name                   = "Get Filter"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Filter"
    type      = "object"
    required  = ["filter"]
    properties = {
      filter = {
        type        = "string"
        description = "The filter: its name or its id"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Filter"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "Whether the ledger knows the filter"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, and what to do"
      }
      filterId = {
        type        = "string"
        description = "Its id"
      }
      filterName = {
        type        = "string"
        description = "Its name"
      }
      state = {
        type        = "string"
        description = "enabled, disabled, deleted, or unknown (no entry at hand says)"
      }
      description = {
        type        = "string"
        description = "What it is for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 where not known"
      }
      version = {
        type        = "integer"
        description = "Its version as Genesys Cloud counts; 0 where not known"
      }
      contentCategories = {
        type        = "string"
        description = "What it looks for, with commas between: as Deploy Safety Filter takes it"
      }
      blockAction = {
        type        = "string"
        description = "What it does"
      }
      thresholds = {
        type        = "string"
        description = "name=number with commas between: as Deploy Safety Filter takes it"
      }
      falsePositiveTolerance = {
        type        = "number"
        description = "0 to 1; -1 where not known"
      }
      owned = {
        type        = "boolean"
        description = "Made or imported through this ledger"
      }
      drifted = {
        type        = "boolean"
        description = "The last reconciliation found it otherwise than the ledger has it"
      }
      changedAt = {
        type        = "string"
        description = "When the newest word on it is from: RFC 3339, UTC"
      }
      entryIndex = {
        type        = "integer"
        description = "The entry with that word; -1 when there is none"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/get-filter"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status                 = "$.status"
      errorCode              = "$.errorCode"
      message                = "$.message"
      filterId               = "$.filterId"
      filterName             = "$.filterName"
      state                  = "$.state"
      description            = "$.description"
      priority               = "$.priority"
      version                = "$.version"
      contentCategories      = "$.contentCategories"
      blockAction            = "$.blockAction"
      thresholds             = "$.thresholds"
      falsePositiveTolerance = "$.falsePositiveTolerance"
      owned                  = "$.owned"
      drifted                = "$.drifted"
      changedAt              = "$.changedAt"
      entryIndex             = "$.entryIndex"
      violations             = "$.violations"
    }
    translation_map_defaults = {
      status                 = "\"\""
      errorCode              = "\"\""
      message                = "\"\""
      filterId               = "\"\""
      filterName             = "\"\""
      state                  = "\"\""
      description            = "\"\""
      priority               = "0"
      version                = "0"
      contentCategories      = "\"\""
      blockAction            = "\"\""
      thresholds             = "\"\""
      falsePositiveTolerance = "-1"
      owned                  = "false"
      drifted                = "false"
      changedAt              = "\"\""
      entryIndex             = "-1"
      violations             = "[]"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"state\": $${state}, \"description\": $${description}, \"priority\": $${priority}, \"version\": $${version}, \"contentCategories\": $${contentCategories}, \"blockAction\": $${blockAction}, \"thresholds\": $${thresholds}, \"falsePositiveTolerance\": $${falsePositiveTolerance}, \"owned\": $${owned}, \"drifted\": $${drifted}, \"changedAt\": $${changedAt}, \"entryIndex\": $${entryIndex}, \"violations\": $${violations}}"
  }
}

resource "genesyscloud_integration_action" "set_filter_state" {
  name                   = "Set Filter State"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Set Filter State"
    type      = "object"
    required  = ["state", "filter"]
    properties = {
      state = {
        type        = "string"
        description = "The state to be in; `demoted`: it flags and lets pass (one of enabled, disabled, demoted)"
      }
      filter = {
        type        = "string"
        description = "The filter: its name or its id"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this request: sent twice, it is carried out once"
      }
      reason = {
        type        = "string"
        description = "Why; kept in the ledger"
      }
      ticketRef = {
        type        = "string"
        description = "The ticket or change request that it belongs to; kept in the ledger"
      }
      onBehalfOf = {
        type        = "string"
        description = "The id of whom the flow acts for; kept in the ledger"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Set Filter State"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what happened, and what to do"
      }
      deploymentId = {
        type        = "string"
        description = "What Get Deployment takes; empty when nothing was begun"
      }
      filterId = {
        type        = "string"
        description = "The filter, empty when there is none"
      }
      filterName = {
        type        = "string"
        description = "Its name: with onConflict version not always the one asked for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 when there is none"
      }
      webhookId = {
        type        = "string"
        description = "The webhook subscription that reports on it"
      }
      latencyMs = {
        type        = "integer"
        description = "How long it took, in milliseconds"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger that records it; empty when there is none yet"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when there is none"
      }
      duplicate = {
        type        = "boolean"
        description = "True when this request was answered before and this is that answer"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/set-filter-state"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status       = "$.status"
      errorCode    = "$.errorCode"
      message      = "$.message"
      deploymentId = "$.deploymentId"
      filterId     = "$.filterId"
      filterName   = "$.filterName"
      priority     = "$.priority"
      webhookId    = "$.webhookId"
      latencyMs    = "$.latencyMs"
      violations   = "$.violations"
      entryId      = "$.entryId"
      entryIndex   = "$.entryIndex"
      duplicate    = "$.duplicate"
    }
    translation_map_defaults = {
      status       = "\"\""
      errorCode    = "\"\""
      message      = "\"\""
      deploymentId = "\"\""
      filterId     = "\"\""
      filterName   = "\"\""
      priority     = "0"
      webhookId    = "\"\""
      latencyMs    = "0"
      violations   = "[]"
      entryId      = "\"\""
      entryIndex   = "-1"
      duplicate    = "false"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"deploymentId\": $${deploymentId}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"priority\": $${priority}, \"webhookId\": $${webhookId}, \"latencyMs\": $${latencyMs}, \"violations\": $${violations}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}}"
  }
}

resource "genesyscloud_integration_action" "remove_safety_filter" {
  name                   = "Remove Safety Filter"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Remove Safety Filter"
    type      = "object"
    required  = ["filter"]
    properties = {
      filter = {
        type        = "string"
        description = "The filter: its name or its id"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this request: sent twice, it is carried out once"
      }
      reason = {
        type        = "string"
        description = "Why; kept in the ledger"
      }
      ticketRef = {
        type        = "string"
        description = "The ticket or change request that it belongs to; kept in the ledger"
      }
      onBehalfOf = {
        type        = "string"
        description = "The id of whom the flow acts for; kept in the ledger"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Remove Safety Filter"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what happened, and what to do"
      }
      deploymentId = {
        type        = "string"
        description = "What Get Deployment takes; empty when nothing was begun"
      }
      filterId = {
        type        = "string"
        description = "The filter, empty when there is none"
      }
      filterName = {
        type        = "string"
        description = "Its name: with onConflict version not always the one asked for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 when there is none"
      }
      webhookId = {
        type        = "string"
        description = "The webhook subscription that reports on it"
      }
      latencyMs = {
        type        = "integer"
        description = "How long it took, in milliseconds"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger that records it; empty when there is none yet"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when there is none"
      }
      duplicate = {
        type        = "boolean"
        description = "True when this request was answered before and this is that answer"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/remove-filter"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status       = "$.status"
      errorCode    = "$.errorCode"
      message      = "$.message"
      deploymentId = "$.deploymentId"
      filterId     = "$.filterId"
      filterName   = "$.filterName"
      priority     = "$.priority"
      webhookId    = "$.webhookId"
      latencyMs    = "$.latencyMs"
      violations   = "$.violations"
      entryId      = "$.entryId"
      entryIndex   = "$.entryIndex"
      duplicate    = "$.duplicate"
    }
    translation_map_defaults = {
      status       = "\"\""
      errorCode    = "\"\""
      message      = "\"\""
      deploymentId = "\"\""
      filterId     = "\"\""
      filterName   = "\"\""
      priority     = "0"
      webhookId    = "\"\""
      latencyMs    = "0"
      violations   = "[]"
      entryId      = "\"\""
      entryIndex   = "-1"
      duplicate    = "false"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"deploymentId\": $${deploymentId}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"priority\": $${priority}, \"webhookId\": $${webhookId}, \"latencyMs\": $${latencyMs}, \"violations\": $${violations}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}}"
  }
}

resource "genesyscloud_integration_action" "roll_back_safety_filter" {
  name                   = "Roll Back Safety Filter"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Roll Back Safety Filter"
    type      = "object"
    required  = ["revision", "filter"]
    properties = {
      revision = {
        type        = "integer"
        description = "The revision to go back to, as `filter-ledger history` counts them"
      }
      filter = {
        type        = "string"
        description = "The filter: its name or its id"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this request: sent twice, it is carried out once"
      }
      reason = {
        type        = "string"
        description = "Why; kept in the ledger"
      }
      ticketRef = {
        type        = "string"
        description = "The ticket or change request that it belongs to; kept in the ledger"
      }
      onBehalfOf = {
        type        = "string"
        description = "The id of whom the flow acts for; kept in the ledger"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Roll Back Safety Filter"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what happened, and what to do"
      }
      deploymentId = {
        type        = "string"
        description = "What Get Deployment takes; empty when nothing was begun"
      }
      filterId = {
        type        = "string"
        description = "The filter, empty when there is none"
      }
      filterName = {
        type        = "string"
        description = "Its name: with onConflict version not always the one asked for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 when there is none"
      }
      webhookId = {
        type        = "string"
        description = "The webhook subscription that reports on it"
      }
      latencyMs = {
        type        = "integer"
        description = "How long it took, in milliseconds"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger that records it; empty when there is none yet"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when there is none"
      }
      duplicate = {
        type        = "boolean"
        description = "True when this request was answered before and this is that answer"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/rollback-filter"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status       = "$.status"
      errorCode    = "$.errorCode"
      message      = "$.message"
      deploymentId = "$.deploymentId"
      filterId     = "$.filterId"
      filterName   = "$.filterName"
      priority     = "$.priority"
      webhookId    = "$.webhookId"
      latencyMs    = "$.latencyMs"
      violations   = "$.violations"
      entryId      = "$.entryId"
      entryIndex   = "$.entryIndex"
      duplicate    = "$.duplicate"
    }
    translation_map_defaults = {
      status       = "\"\""
      errorCode    = "\"\""
      message      = "\"\""
      deploymentId = "\"\""
      filterId     = "\"\""
      filterName   = "\"\""
      priority     = "0"
      webhookId    = "\"\""
      latencyMs    = "0"
      violations   = "[]"
      entryId      = "\"\""
      entryIndex   = "-1"
      duplicate    = "false"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"deploymentId\": $${deploymentId}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"priority\": $${priority}, \"webhookId\": $${webhookId}, \"latencyMs\": $${latencyMs}, \"violations\": $${violations}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}}"
  }
}

resource "genesyscloud_integration_action" "get_deployment" {
  name                   = "Get Deployment"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Deployment"
    type      = "object"
    required  = []
    properties = {
      deploymentId = {
        type        = "string"
        description = "What the action that began it answered"
      }
      requestId = {
        type        = "string"
        description = "Or the id of your own that you gave it"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Deployment"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what happened, and what to do"
      }
      deploymentId = {
        type        = "string"
        description = "What Get Deployment takes; empty when nothing was begun"
      }
      filterId = {
        type        = "string"
        description = "The filter, empty when there is none"
      }
      filterName = {
        type        = "string"
        description = "Its name: with onConflict version not always the one asked for"
      }
      priority = {
        type        = "integer"
        description = "Its priority; 0 when there is none"
      }
      webhookId = {
        type        = "string"
        description = "The webhook subscription that reports on it"
      }
      latencyMs = {
        type        = "integer"
        description = "How long it took, in milliseconds"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger that records it; empty when there is none yet"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when there is none"
      }
      duplicate = {
        type        = "boolean"
        description = "True when this request was answered before and this is that answer"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/get-deployment"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status       = "$.status"
      errorCode    = "$.errorCode"
      message      = "$.message"
      deploymentId = "$.deploymentId"
      filterId     = "$.filterId"
      filterName   = "$.filterName"
      priority     = "$.priority"
      webhookId    = "$.webhookId"
      latencyMs    = "$.latencyMs"
      violations   = "$.violations"
      entryId      = "$.entryId"
      entryIndex   = "$.entryIndex"
      duplicate    = "$.duplicate"
    }
    translation_map_defaults = {
      status       = "\"\""
      errorCode    = "\"\""
      message      = "\"\""
      deploymentId = "\"\""
      filterId     = "\"\""
      filterName   = "\"\""
      priority     = "0"
      webhookId    = "\"\""
      latencyMs    = "0"
      violations   = "[]"
      entryId      = "\"\""
      entryIndex   = "-1"
      duplicate    = "false"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"deploymentId\": $${deploymentId}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"priority\": $${priority}, \"webhookId\": $${webhookId}, \"latencyMs\": $${latencyMs}, \"violations\": $${violations}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}}"
  }
}

resource "genesyscloud_integration_action" "record_filter_block" {
  name                   = "Record Filter Block"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Block"
    type      = "object"
    required  = ["filterId", "category", "score", "threshold", "actionTaken", "direction"]
    properties = {
      filterId = {
        type        = "string"
        description = "The id of the filter that intervened"
      }
      filterName = {
        type        = "string"
        description = "Its name, where known"
      }
      filterVersion = {
        type        = "integer"
        description = "The version of the filter that was at work"
      }
      category = {
        type        = "string"
        description = "What it found (one of hate_speech, violence, self_harm, sexual, political, pii, phishing)"
      }
      score = {
        type        = "number"
        description = "How sure it was"
      }
      threshold = {
        type        = "number"
        description = "The threshold that the score was held against"
      }
      actionTaken = {
        type        = "string"
        description = "What was done with the text (one of blocked, redacted, flagged, passed, error_blocked, bypassed)"
      }
      direction = {
        type        = "string"
        description = "Whether it was what a person wrote (input) or a model (output) (one of input, output)"
      }
      channel = {
        type        = "string"
        description = "The channel, such as webmessaging"
      }
      queueId = {
        type        = "string"
        description = "The queue of the conversation"
      }
      language = {
        type        = "string"
        description = "The language of the text, such as en-US"
      }
      conversationId = {
        type        = "string"
        description = "The conversation; only a keyed hash of it is kept, never the id"
      }
      contentRef = {
        type        = "string"
        description = "Where a reviewer finds the text: a pointer of your own, never the text"
      }
      sampleRate = {
        type        = "number"
        description = "The share of such decisions that you record, for passes say; else 1, which is all of them"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this block: sent twice, it is recorded once"
      }
      occurredAt = {
        type        = "string"
        description = "When it happened: RFC 3339, UTC; else when it arrived"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Block"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, or odd, and what to do"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger; empty when nothing was recorded"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when nothing was recorded"
      }
      duplicate = {
        type        = "boolean"
        description = "True when it was recorded before, under the same id"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      warning = {
        type        = "string"
        description = "What is odd about what was recorded: filter_unknown, filter_deleted; empty when nothing is"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/record-block"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status     = "$.status"
      errorCode  = "$.errorCode"
      message    = "$.message"
      entryId    = "$.entryId"
      entryIndex = "$.entryIndex"
      duplicate  = "$.duplicate"
      violations = "$.violations"
      warning    = "$.warning"
    }
    translation_map_defaults = {
      status     = "\"\""
      errorCode  = "\"\""
      message    = "\"\""
      entryId    = "\"\""
      entryIndex = "-1"
      duplicate  = "false"
      violations = "[]"
      warning    = "\"\""
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}, \"violations\": $${violations}, \"warning\": $${warning}}"
  }
}

resource "genesyscloud_integration_action" "record_filter_evaluations" {
  name                   = "Record Filter Evaluations"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Evaluations"
    type      = "object"
    required  = ["filterId", "category", "from", "to", "evaluations"]
    properties = {
      filterId = {
        type        = "string"
        description = "The id of the filter"
      }
      filterName = {
        type        = "string"
        description = "Its name, where known"
      }
      filterVersion = {
        type        = "integer"
        description = "The version of the filter that was at work"
      }
      category = {
        type        = "string"
        description = "What it looked for (one of hate_speech, violence, self_harm, sexual, political, pii, phishing)"
      }
      from = {
        type        = "string"
        description = "Where the period begins: RFC 3339, UTC"
      }
      to = {
        type        = "string"
        description = "Where it ends, in the same UTC hour or else on the same UTC day; this instant is not part of it"
      }
      evaluations = {
        type        = "integer"
        description = "How often it looked at a text in that time, whatever it then did"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this count: sent twice, it is recorded once"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Evaluations"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, or odd, and what to do"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger; empty when nothing was recorded"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when nothing was recorded"
      }
      duplicate = {
        type        = "boolean"
        description = "True when it was recorded before, under the same id"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
      warning = {
        type        = "string"
        description = "What is odd about what was recorded: filter_unknown, filter_deleted; empty when nothing is"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/record-evaluations"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status     = "$.status"
      errorCode  = "$.errorCode"
      message    = "$.message"
      entryId    = "$.entryId"
      entryIndex = "$.entryIndex"
      duplicate  = "$.duplicate"
      violations = "$.violations"
      warning    = "$.warning"
    }
    translation_map_defaults = {
      status     = "\"\""
      errorCode  = "\"\""
      message    = "\"\""
      entryId    = "\"\""
      entryIndex = "-1"
      duplicate  = "false"
      violations = "[]"
      warning    = "\"\""
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}, \"violations\": $${violations}, \"warning\": $${warning}}"
  }
}

resource "genesyscloud_integration_action" "report_block_verdict" {
  name                   = "Report Block Verdict"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Report Block Verdict"
    type      = "object"
    required  = ["blockId", "verdict", "reviewerId"]
    properties = {
      blockId = {
        type        = "string"
        description = "The decision: the entryId that record-block answered"
      }
      verdict = {
        type        = "string"
        description = "What the reviewer found (one of true_positive, false_positive, true_negative, false_negative, unclear)"
      }
      reviewerId = {
        type        = "string"
        description = "Who reviewed: an id, never a name"
      }
      rationaleCode = {
        type        = "string"
        description = "Why, as a code of your own"
      }
      requestId = {
        type        = "string"
        description = "An id of your own for this verdict: sent twice, it is recorded once"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Report Block Verdict"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, and what to do"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger; empty when nothing was recorded"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when nothing was recorded"
      }
      duplicate = {
        type        = "boolean"
        description = "True when it was recorded before, under the same id"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/report-verdict"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status     = "$.status"
      errorCode  = "$.errorCode"
      message    = "$.message"
      entryId    = "$.entryId"
      entryIndex = "$.entryIndex"
      duplicate  = "$.duplicate"
      violations = "$.violations"
    }
    translation_map_defaults = {
      status     = "\"\""
      errorCode  = "\"\""
      message    = "\"\""
      entryId    = "\"\""
      entryIndex = "-1"
      duplicate  = "false"
      violations = "[]"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}, \"violations\": $${violations}}"
  }
}

resource "genesyscloud_integration_action" "get_filter_metrics" {
  name                   = "Get Filter Metrics"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Filter Metrics"
    type      = "object"
    required  = ["filter"]
    properties = {
      filter = {
        type        = "string"
        description = "The filter: its name or its id"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Get Filter Metrics"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "Whether the ledger knows the filter"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, and what to do"
      }
      filterId = {
        type        = "string"
        description = "Its id"
      }
      filterName = {
        type        = "string"
        description = "Its name"
      }
      blocked = {
        type        = "integer"
        description = "Interventions that blocked"
      }
      redacted = {
        type        = "integer"
        description = "Interventions that redacted"
      }
      flagged = {
        type        = "integer"
        description = "Texts that were flagged and let pass"
      }
      passed = {
        type        = "integer"
        description = "Texts that were recorded as passed"
      }
      errorBlocked = {
        type        = "integer"
        description = "Texts that were blocked because the filter failed"
      }
      bypassed = {
        type        = "integer"
        description = "Texts that went past the filter"
      }
      totalBlocks = {
        type        = "integer"
        description = "Blocked or redacted"
      }
      reviewed = {
        type        = "integer"
        description = "Interventions with a verdict"
      }
      truePositives = {
        type        = "integer"
        description = "Found right by a reviewer"
      }
      falsePositives = {
        type        = "integer"
        description = "Found wrong by a reviewer"
      }
      unclear = {
        type        = "integer"
        description = "Left undecided by a reviewer"
      }
      falseDiscoveryProportion = {
        type        = "number"
        description = "False positives among those decided, from 0 to 1; -1 where nothing can be said yet"
      }
      falseDiscoveryLow = {
        type        = "number"
        description = "Lower end of its 95 % Wilson interval, from 0 to 1; -1 where nothing can be said yet"
      }
      falseDiscoveryHigh = {
        type        = "number"
        description = "Upper end of its 95 % Wilson interval, from 0 to 1; -1 where nothing can be said yet"
      }
      falsePositiveRate = {
        type        = "number"
        description = "False positives / totalBlocks, reviewed or not, from 0 to 1; -1 where nothing can be said yet"
      }
      evaluations = {
        type        = "integer"
        description = "Texts that were looked at, as reported; -1 where nobody reports"
      }
      interventionRate = {
        type        = "number"
        description = "totalBlocks / evaluations, from 0 to 1; -1 where nothing can be said yet"
      }
      tolerance = {
        type        = "number"
        description = "The filter’s false_positive_tolerance; -1 where not known"
      }
      verdict = {
        type        = "string"
        description = "within, breached or undecided: the interval against the tolerance"
      }
      reviewsToDecide = {
        type        = "integer"
        description = "Further reviews until within or breached, if the proportion stays; -1 where none would decide"
      }
      errorBudgetUsed = {
        type        = "number"
        description = "The e-value as a share of the alarm line, of the version at work; 1 is the alarm"
      }
      alarm = {
        type        = "boolean"
        description = "True once the version at work was found beyond its tolerance"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/get-filter-metrics"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status                   = "$.status"
      errorCode                = "$.errorCode"
      message                  = "$.message"
      filterId                 = "$.filterId"
      filterName               = "$.filterName"
      blocked                  = "$.blocked"
      redacted                 = "$.redacted"
      flagged                  = "$.flagged"
      passed                   = "$.passed"
      errorBlocked             = "$.errorBlocked"
      bypassed                 = "$.bypassed"
      totalBlocks              = "$.totalBlocks"
      reviewed                 = "$.reviewed"
      truePositives            = "$.truePositives"
      falsePositives           = "$.falsePositives"
      unclear                  = "$.unclear"
      falseDiscoveryProportion = "$.falseDiscoveryProportion"
      falseDiscoveryLow        = "$.falseDiscoveryLow"
      falseDiscoveryHigh       = "$.falseDiscoveryHigh"
      falsePositiveRate        = "$.falsePositiveRate"
      evaluations              = "$.evaluations"
      interventionRate         = "$.interventionRate"
      tolerance                = "$.tolerance"
      verdict                  = "$.verdict"
      reviewsToDecide          = "$.reviewsToDecide"
      errorBudgetUsed          = "$.errorBudgetUsed"
      alarm                    = "$.alarm"
      violations               = "$.violations"
    }
    translation_map_defaults = {
      status                   = "\"\""
      errorCode                = "\"\""
      message                  = "\"\""
      filterId                 = "\"\""
      filterName               = "\"\""
      blocked                  = "0"
      redacted                 = "0"
      flagged                  = "0"
      passed                   = "0"
      errorBlocked             = "0"
      bypassed                 = "0"
      totalBlocks              = "0"
      reviewed                 = "0"
      truePositives            = "0"
      falsePositives           = "0"
      unclear                  = "0"
      falseDiscoveryProportion = "-1"
      falseDiscoveryLow        = "-1"
      falseDiscoveryHigh       = "-1"
      falsePositiveRate        = "-1"
      evaluations              = "-1"
      interventionRate         = "-1"
      tolerance                = "-1"
      verdict                  = "\"\""
      reviewsToDecide          = "-1"
      errorBudgetUsed          = "-1"
      alarm                    = "false"
      violations               = "[]"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"filterId\": $${filterId}, \"filterName\": $${filterName}, \"blocked\": $${blocked}, \"redacted\": $${redacted}, \"flagged\": $${flagged}, \"passed\": $${passed}, \"errorBlocked\": $${errorBlocked}, \"bypassed\": $${bypassed}, \"totalBlocks\": $${totalBlocks}, \"reviewed\": $${reviewed}, \"truePositives\": $${truePositives}, \"falsePositives\": $${falsePositives}, \"unclear\": $${unclear}, \"falseDiscoveryProportion\": $${falseDiscoveryProportion}, \"falseDiscoveryLow\": $${falseDiscoveryLow}, \"falseDiscoveryHigh\": $${falseDiscoveryHigh}, \"falsePositiveRate\": $${falsePositiveRate}, \"evaluations\": $${evaluations}, \"interventionRate\": $${interventionRate}, \"tolerance\": $${tolerance}, \"verdict\": $${verdict}, \"reviewsToDecide\": $${reviewsToDecide}, \"errorBudgetUsed\": $${errorBudgetUsed}, \"alarm\": $${alarm}, \"violations\": $${violations}}"
  }
}

resource "genesyscloud_integration_action" "record_filter_event" {
  name                   = "Record Filter Event"
  category               = genesyscloud_integration.receiver.config[0].name
  integration_id         = genesyscloud_integration.receiver.id
  secure                 = false
  config_timeout_seconds = var.timeout_seconds
  contract_input = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Event"
    type      = "object"
    required  = ["eventId", "eventType", "filterId"]
    properties = {
      eventId = {
        type        = "string"
        description = "The id of the event itself: one id is recorded once"
      }
      eventType = {
        type        = "string"
        description = "created, updated or deleted, or the full name of the event"
      }
      filterId = {
        type        = "string"
        description = "The filter that it happened to"
      }
      filterName = {
        type        = "string"
        description = "Its name after the event"
      }
      occurredAt = {
        type        = "string"
        description = "When it happened: RFC 3339, UTC; else when it arrived"
      }
      version = {
        type        = "integer"
        description = "The version of the filter after the event"
      }
      organizationId = {
        type        = "string"
        description = "The organization; else the header inin-organization-id"
      }
      correlationId = {
        type        = "string"
        description = "The correlation id; else the header inin-correlation-id"
      }
      actorType = {
        type        = "string"
        description = "What kind of actor did it (one of user, client, system)"
      }
      actorId = {
        type        = "string"
        description = "Who did it: an id, never a name"
      }
      filter = {
        type        = "string"
        description = "The filter after the event (before it, for deleted): a JSON object as text"
      }
      previous = {
        type        = "string"
        description = "The filter before the event: a JSON object as text"
      }
    }
    additionalProperties = true
  })
  contract_output = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = "Record Filter Event"
    type      = "object"
    properties = {
      status = {
        type        = "string"
        description = "What became of it"
      }
      errorCode = {
        type        = "string"
        description = "Stable, for decisions in a flow; empty when all went well"
      }
      message = {
        type        = "string"
        description = "For people: what is wrong, and what to do"
      }
      entryId = {
        type        = "string"
        description = "The entry of the ledger; empty when nothing was recorded"
      }
      entryIndex = {
        type        = "integer"
        description = "The place of that entry in the ledger; -1 when nothing was recorded"
      }
      duplicate = {
        type        = "boolean"
        description = "True when it was recorded before, under the same id"
      }
      violations = {
        type = "array"
        items = {
          type = "string"
        }
        description = "Each broken rule as `path: message`"
      }
    }
    additionalProperties = true
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.base_url}/actions/record-filter-event"
    headers = {
      "Content-Type" = "application/json"
      Authorization  = "$${authResponse.token_type} $${authResponse.access_token}"
    }
    request_template = "$${input.rawRequest}"
  }

  config_response {
    translation_map = {
      status     = "$.status"
      errorCode  = "$.errorCode"
      message    = "$.message"
      entryId    = "$.entryId"
      entryIndex = "$.entryIndex"
      duplicate  = "$.duplicate"
      violations = "$.violations"
    }
    translation_map_defaults = {
      status     = "\"\""
      errorCode  = "\"\""
      message    = "\"\""
      entryId    = "\"\""
      entryIndex = "-1"
      duplicate  = "false"
      violations = "[]"
    }
    success_template = "{\"status\": $${status}, \"errorCode\": $${errorCode}, \"message\": $${message}, \"entryId\": $${entryId}, \"entryIndex\": $${entryIndex}, \"duplicate\": $${duplicate}, \"violations\": $${violations}}"
  }
}
