/** What runs an agent's tools where no model is configured: fixed rules that say so. */
@NullMarked
package io.agentmanager.worker.rule;

import org.jspecify.annotations.NullMarked;
