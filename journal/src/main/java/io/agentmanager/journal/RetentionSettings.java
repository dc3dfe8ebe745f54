package io.agentmanager.journal;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long what has ended is kept.
 *
 * @param finished how long a finished workflow is kept with all that belongs to it
 * @param tombstones how long it is known after that that the workflow existed
 * @param workers how long a worker is listed that is not heard of
 * @param every how often a service looks for what is to be removed
 * @param batch workflows that one transaction removes at most
 */
@ConfigurationProperties("agentmanager.retention")
public record RetentionSettings(
    @DefaultValue("P30D") Duration finished,
    @DefaultValue("P90D") Duration tombstones,
    @DefaultValue("P7D") Duration workers,
    @DefaultValue("PT1M") Duration every,
    @DefaultValue("20") int batch) {}
