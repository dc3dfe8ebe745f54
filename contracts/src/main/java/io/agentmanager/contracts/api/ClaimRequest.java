package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/tasks/claims}.
 *
 * @param max how many steps at most, 1 to 100, absent means 1
 * @param waitSec how long to wait for the first, 0 to 30, absent means 0
 * @param claimId the same id gets the same steps again
 * @param repeated false promises that the id was not sent before, so that nothing can be held under
 *     it and nobody looks; absent means that it may have been
 */
public record ClaimRequest(
    @Nullable String agentId,
    @Nullable List<String> clientCapabilities,
    @Nullable Integer max,
    @Nullable Integer waitSec,
    @Nullable String claimId,
    @Nullable Boolean repeated) {}
