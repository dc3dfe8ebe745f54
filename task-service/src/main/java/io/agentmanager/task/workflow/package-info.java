/** What people read: workflows, results, history, the live stream; and cancelling. */
@NullMarked
package io.agentmanager.task.workflow;

import org.jspecify.annotations.NullMarked;
