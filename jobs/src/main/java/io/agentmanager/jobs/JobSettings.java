package io.agentmanager.jobs;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How jobs run.
 *
 * @param threads jobs that run at once in this replica
 * @param attempts tries before a job is given up
 * @param firstPause before the second try; doubles from there
 * @param poll how often the database is asked for jobs that this replica was not told of
 * @param heartbeat how often a runner says that it lives; four missed ones and another takes over
 */
@ConfigurationProperties("agentmanager.jobs")
public record JobSettings(
    @DefaultValue("8") int threads,
    @DefaultValue("4") int attempts,
    @DefaultValue("PT1S") Duration firstPause,
    @DefaultValue("PT2S") Duration poll,
    @DefaultValue("PT5S") Duration heartbeat) {}
