/** How a service reaches its database: three roles, and a wall between tenants. */
@NullMarked
package io.agentmanager.database;

import org.jspecify.annotations.NullMarked;
