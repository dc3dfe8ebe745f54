/** Turns a request into a plan, and audited work into an answer. */
@NullMarked
package io.agentmanager.planner;

import org.jspecify.annotations.NullMarked;
