/** A real broker and a real database on this machine, without Docker. */
@NullMarked
package io.agentmanager.embedded;

import org.jspecify.annotations.NullMarked;
