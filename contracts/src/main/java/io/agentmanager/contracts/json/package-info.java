/** How the wire's JSON is read and written. */
@NullMarked
package io.agentmanager.contracts.json;

import org.jspecify.annotations.NullMarked;
