/** The worker as a program. */
@NullMarked
package io.agentmanager.worker.cli;

import org.jspecify.annotations.NullMarked;
