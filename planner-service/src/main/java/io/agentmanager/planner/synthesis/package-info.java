/** The final answer from what the steps came to. */
@NullMarked
package io.agentmanager.planner.synthesis;

import org.jspecify.annotations.NullMarked;
