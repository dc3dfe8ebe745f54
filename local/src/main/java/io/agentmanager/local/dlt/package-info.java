/**
 * Dead letters: records that a service could not handle, seen and replayed from the command line.
 */
@NullMarked
package io.agentmanager.local.dlt;

import org.jspecify.annotations.NullMarked;
