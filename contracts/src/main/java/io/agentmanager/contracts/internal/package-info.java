/** Documents that one service asks of another over HTTP; not part of the public wire. */
@NullMarked
package io.agentmanager.contracts.internal;

import org.jspecify.annotations.NullMarked;
