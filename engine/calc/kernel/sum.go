package kernel

// combine adds eight lanes in the order of a vector that is halved three times.
func combine(l *[8]float64) float64 {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

// Sum adds the numbers of a in a fixed order: in each block of 32 elements lane j gets
// (a[j]+a[j+8]) + (a[j+16]+a[j+24]); in what is left behind the last block element i goes to lane i%8; the eight lanes
// are added as in [Summer]. The order is wide, so that no addition waits for the one before; it is that of models, where the
// caller adds up tiles in a fixed order. Sums of cells follow [Summer].
func Sum(a []float64) float64 {
	var lanes [8]float64
	i := vecSum(a, &lanes)
	for ; i+32 <= len(a); i += 32 {
		b := (*[32]float64)(a[i:])
		for j := range 8 {
			lanes[j] += (b[j] + b[j+8]) + (b[j+16] + b[j+24])
		}
	}
	for ; i < len(a); i++ {
		lanes[i&7] += a[i]
	}
	return combine(&lanes)
}

// Dot is the sum of the products of a and b, each rounded, in the order of [Sum].
func Dot(a, b []float64) float64 {
	b = b[:len(a)]
	var lanes [8]float64
	i := vecDot(a, b, &lanes)
	for ; i+32 <= len(a); i += 32 {
		x, y := (*[32]float64)(a[i:]), (*[32]float64)(b[i:])
		for j := range 8 {
			lanes[j] += (float64(x[j]*y[j]) + float64(x[j+8]*y[j+8])) + (float64(x[j+16]*y[j+16]) + float64(x[j+24]*y[j+24]))
		}
	}
	for ; i < len(a); i++ {
		lanes[i&7] += float64(a[i] * b[i])
	}
	return combine(&lanes)
}

// roll is the plain part of the MulRoll functions, from element i on: a multiple of 32, or of 8 where less than 32 elements are left.
func roll[T int8 | int16 | int32 | float32 | float64](acc []float64, units []T, price []float64, lanes *[8]float64, i int) {
	for ; i+32 <= len(acc); i += 32 {
		a, u, p := (*[32]float64)(acc[i:]), (*[32]T)(units[i:]), (*[32]float64)(price[i:])
		for j := range 8 {
			v0, v1 := float64(float64(u[j])*p[j]), float64(float64(u[j+8])*p[j+8])
			v2, v3 := float64(float64(u[j+16])*p[j+16]), float64(float64(u[j+24])*p[j+24])
			a[j] += v0
			a[j+8] += v1
			a[j+16] += v2
			a[j+24] += v3
			lanes[j] += (v0 + v1) + (v2 + v3)
		}
	}
	for ; i < len(acc); i++ {
		v := float64(float64(units[i]) * price[i])
		acc[i] += v
		lanes[i&7] += v
	}
}

// rollOne is [roll] with one price.
func rollOne[T int8 | int16 | int32 | float32 | float64](acc []float64, units []T, price float64, lanes *[8]float64, i int) {
	for ; i+32 <= len(acc); i += 32 {
		a, u := (*[32]float64)(acc[i:]), (*[32]T)(units[i:])
		for j := range 8 {
			v0, v1 := float64(float64(u[j])*price), float64(float64(u[j+8])*price)
			v2, v3 := float64(float64(u[j+16])*price), float64(float64(u[j+24])*price)
			a[j] += v0
			a[j+8] += v1
			a[j+16] += v2
			a[j+24] += v3
			lanes[j] += (v0 + v1) + (v2 + v3)
		}
	}
	for ; i < len(acc); i++ {
		v := float64(float64(units[i]) * price)
		acc[i] += v
		lanes[i&7] += v
	}
}

// rollCoded is [roll] for units in codes.
func rollCoded[T int8 | int16 | int32](acc []float64, units []T, base, scale float64, price []float64, lanes *[8]float64, i int) {
	if base == 0 && scale == 1 { // plain integers need no decoding
		roll(acc, units, price, lanes, i)
		return
	}
	var room [32]float64
	for ; i < len(acc); i += 32 {
		values := decoded(&room, units[i:], base, scale)
		roll(acc[i:i+len(values)], values, price[i:], lanes, 0)
	}
}

// rollOneCoded is [rollCoded] with one price.
func rollOneCoded[T int8 | int16 | int32](acc []float64, units []T, base, scale float64, price float64, lanes *[8]float64, i int) {
	if base == 0 && scale == 1 {
		rollOne(acc, units, price, lanes, i)
		return
	}
	var room [32]float64
	for ; i < len(acc); i += 32 {
		values := decoded(&room, units[i:], base, scale)
		rollOne(acc[i:i+len(values)], values, price, lanes, 0)
	}
}

// decoded returns what the first codes are worth, as many as there is room for.
func decoded[T int8 | int16 | int32](room *[32]float64, codes []T, base, scale float64) []float64 {
	n := min(len(room), len(codes))
	for j, c := range codes[:n] {
		room[j] = float64(float64(c)*scale) + base
	}
	return room[:n]
}
