package bench

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/internal/testservers"
)

// printMachine prints what was measured on, as the format of benchmarks has it.
func printMachine() {
	fmt.Printf("measured: %s\ncores: %d\nmemory: %s\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), memory())
	fmt.Printf("data: %s\n", dataOf(os.Getenv("TABLESNAP_SERVERS_DATA")))
	if version, err := exec.Command("sqlite3", "--version").Output(); err == nil {
		fmt.Printf("sqlite3: %s\n", strings.Fields(string(version))[0])
	}
	for _, name := range append(append([]string{}, familyOfMySQL...), familyOfPostgres...) {
		if version := versionOf(name); version != "" {
			fmt.Printf("%s: %s\n", name, version)
		}
	}
}

func dataOf(folder string) string {
	if folder == "" {
		return "in memory"
	}
	return "on a disk"
}

func memory() string {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.0f GB", float64(info.Totalram)*float64(info.Unit)/(1<<30))
}

// versionOf asks a server for its version; one that is not there has none.
func versionOf(name string) (version string) {
	u, err := url.Parse(os.Getenv(testservers.Variable(name)))
	if err != nil || u.Host == "" {
		return ""
	}
	driver, dsn := "mysql", fmt.Sprintf("%s@tcp(%s)/", u.User, u.Host)
	if strings.HasPrefix(name, "postgres") {
		driver, dsn = "pgx", u.String()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return ""
	}
	defer db.Close()
	if err := db.QueryRow("SELECT version()").Scan(&version); err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.Split(version, " on ")[0], "PostgreSQL ")
}
