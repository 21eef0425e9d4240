// Command billion measures the executor of models on a thousand million cells.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"

	"github.com/napkin-infra/napkin/engine/calc/calcbench/billion"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := billion.Options{Size: billion.Billion}
	flag.IntVar(&o.Size.Products, "products", o.Size.Products, "items of the first dimension")
	flag.IntVar(&o.Threads, "threads", 0, "processors; 0 means all")
	flag.BoolVar(&o.Plain, "plain", false, "keep values as float64")
	flag.StringVar(&o.Folder, "folder", "/var/tmp", "where values go for which there is no memory")
	memory := flag.Int64("memory", 12<<30, "bytes of values in memory")
	profile := flag.String("profile", "", "write a profile of the processor to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "billion:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	o.Memory = *memory
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"roll-ups", "recurrence"}
	}
	for _, name := range names {
		f, err := billion.Run(ctx, name, o)
		if err != nil {
			fmt.Fprintln(os.Stderr, "billion:", err)
			os.Exit(1)
		}
		fmt.Printf("%-10s %.3f s wall, %.3f s CPU; read %.2f GB at %.1f GB/s, %.2f of the %.1f GB/s that memory gives; spilled %.2f GB, resident %.2f GB; digest %v\n",
			f.Name, f.Wall.Seconds(), f.CPU.Seconds(), float64(f.Read)/1e9, f.Bandwidth/1e9, f.Bandwidth/f.Limit, f.Limit/1e9, float64(f.Spilled)/1e9, float64(f.Resident)/1e9, f.Digest)
	}
}
