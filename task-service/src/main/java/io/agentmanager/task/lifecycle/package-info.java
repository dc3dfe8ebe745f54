/**
 * What may become of a workflow and its steps: pure functions, the only place where a transition is
 * decided.
 */
@NullMarked
package io.agentmanager.task.lifecycle;

import org.jspecify.annotations.NullMarked;
