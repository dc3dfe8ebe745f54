package io.agentmanager.task.recover;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the task-service recovers what was lost on the way.
 *
 * @param period how often a replica looks for what is due
 * @param askAgainAfter how long an audit or a synthesis may be awaited before the service that owes
 *     it is asked for it again
 */
@ConfigurationProperties("agentmanager.recovery")
public record RecoverySettings(
    @DefaultValue("PT1S") Duration period, @DefaultValue("PT30S") Duration askAgainAfter) {}
