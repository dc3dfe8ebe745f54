/** Long work that a listener only notes down: leased, retried, taken over when its runner dies. */
@NullMarked
package io.agentmanager.jobs;

import org.jspecify.annotations.NullMarked;
