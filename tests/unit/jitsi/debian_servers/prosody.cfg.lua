admins = { }
modules_enabled = {
	"disco"; -- Service discovery
	"roster";
	"saslauth";
	"tls";
	"posix";
}
pidfile = "/run/prosody/prosody.pid";
authentication = "internal_hashed"
VirtualHost "localhost"
Include "conf.d/*.cfg.lua"
