package io.agentmanager.task.meter;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How what is open is counted.
 *
 * @param period at most this often; seldom enough that it takes a twentieth of the time
 */
@ConfigurationProperties("agentmanager.meters")
public record MeterSettings(@DefaultValue("PT15S") Duration period) {}
