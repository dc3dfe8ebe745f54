/** Taking a goal in: checked, then durable, then answered. */
@NullMarked
package io.agentmanager.planner.submission;

import org.jspecify.annotations.NullMarked;
