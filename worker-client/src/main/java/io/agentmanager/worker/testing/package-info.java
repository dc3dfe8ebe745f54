/**
 * For tests of workers: a server in memory that honours leases, attempts and cancellation, a clock
 * that a test sets, steps ready to be run, and a model that says what a script says.
 */
@NullMarked
package io.agentmanager.worker.testing;

import org.jspecify.annotations.NullMarked;
