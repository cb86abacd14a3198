-- Options of mod_oac_counter, from the container's environment.
oac_app_id = ENV_OAC_APP_ID
oac_app_secret = ENV_OAC_APP_SECRET
oac_events_url = ENV_OAC_EVENTS_URL
oac_events_secret = ENV_OAC_EVENTS_SECRET
oac_control_secret = ENV_OAC_CONTROL_SECRET
oac_control_from = { ENV_OAC_CONTROL_FROM }
