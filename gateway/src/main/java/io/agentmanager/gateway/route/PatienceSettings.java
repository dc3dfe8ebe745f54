package io.agentmanager.gateway.route;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a request may take to come in.
 *
 * @param whole until its last byte is there
 * @param silent between two of its parts
 */
@ConfigurationProperties("agentmanager.gateway.requests")
record PatienceSettings(
    @DefaultValue("PT60S") Duration whole, @DefaultValue("PT20S") Duration silent) {}
