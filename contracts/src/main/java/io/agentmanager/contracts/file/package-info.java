/** Paths of files that steps declare, lock and touch. */
@NullMarked
package io.agentmanager.contracts.file;

import org.jspecify.annotations.NullMarked;
