/** The whole system on this machine: in one JVM, or a process for each part. */
@NullMarked
package io.agentmanager.local.stack;

import org.jspecify.annotations.NullMarked;
