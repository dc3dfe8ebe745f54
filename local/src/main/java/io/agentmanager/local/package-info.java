/** The launcher behind ./am. */
@NullMarked
package io.agentmanager.local;

import org.jspecify.annotations.NullMarked;
