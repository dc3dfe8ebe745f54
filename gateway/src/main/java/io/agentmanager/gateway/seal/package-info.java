/** Values that are kept for tenants and that whoever reads the database must not read. */
@NullMarked
package io.agentmanager.gateway.seal;

import org.jspecify.annotations.NullMarked;
