/** What is due: lost leases, timeouts, backoffs, deadlines, missed wake-ups. */
@NullMarked
package io.agentmanager.task.recover;

import org.jspecify.annotations.NullMarked;
