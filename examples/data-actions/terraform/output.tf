output "integration_id" {
  description = "The integration"
  value       = genesyscloud_integration.receiver.id
}

output "action_ids" {
  description = "The id of each data action, by its name"
  value = {
    "Deploy Safety Filter"      = genesyscloud_integration_action.deploy_safety_filter.id
    "Get Filter"                = genesyscloud_integration_action.get_filter.id
    "Set Filter State"          = genesyscloud_integration_action.set_filter_state.id
    "Remove Safety Filter"      = genesyscloud_integration_action.remove_safety_filter.id
    "Roll Back Safety Filter"   = genesyscloud_integration_action.roll_back_safety_filter.id
    "Get Deployment"            = genesyscloud_integration_action.get_deployment.id
    "Record Filter Block"       = genesyscloud_integration_action.record_filter_block.id
    "Record Filter Evaluations" = genesyscloud_integration_action.record_filter_evaluations.id
    "Report Block Verdict"      = genesyscloud_integration_action.report_block_verdict.id
    "Get Filter Metrics"        = genesyscloud_integration_action.get_filter_metrics.id
    "Record Filter Event"       = genesyscloud_integration_action.record_filter_event.id
  }
}
