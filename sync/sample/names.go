package sample

import "strings"

// culture is a set of names that go together, and the office (an index into offices) where most
// people with them work.
type culture struct {
	home    int
	given   []string
	surname []string
}

func words(s string) []string { return strings.Fields(s) }

// stock lists the cultures. Surnames are unique across all of them when folded to ASCII: that makes
// every pair of a given name and a surname unique.
func stock() []culture {
	return []culture{
		{0,
			words(
				"James Olivia Harry Amelia George Isla Jack Emily Thomas Grace Oliver Sophie Daniel Lucy Edward Charlotte " +
					"Samuel Hannah Adam Alice"),
			words(
				"Ashworth Bennett Carter Dawson Ellison Fletcher Gibson Hughes Jennings Kendall Lawson Marsh Norris Palmer " +
					"Quigley Reeves Shaw Turner Underwood Watson O'Brien O'Connor Roe Whitfield")},
		{1,
			words(
				"Lukas Anna Felix Lena Jonas Marie Paul Clara Jürgen Käthe Stefan Sabine Björn Heike Matthias Ulrike Tobias " +
					"Annika Günther Monika"),
			words(
				"Müller Schäfer Weber Köhler Hoffmann Schröder Vogel Krüger Lehmann Böhm Brandt Jäger Fuchs Winter Groß Kaiser " +
					"Lindner Ziegler Engel Pfeiffer Sauer Voß Bäcker Ritter")},
		{2,
			words(
				"Louis Camille Hugo Chloé Gabriel Léa Arthur Manon Jules Inès Étienne Hélène François Zoé Mathieu Élise Benoît " +
					"Agnès Rémi Maëlle"),
			words(
				"Lefèvre Moreau Girard Bonnet Dupont Rousseau Fontaine Chevalier Mercier Blanchard Guérin Boyer Garnier Faure " +
					"Legrand Perrin Robin Clément Gauthier Lemaître Marchand Dufour Meunier Noël")},
		{3,
			words(
				"Ana João Beatriz Tiago Mariana Rafael Inês Pedro Luísa Miguel Carolina Diogo Sofia Gonçalo Helena Rui Teresa " +
					"André Marta Paulo"),
			words(
				"Silva Santos Ferreira Pereira Oliveira Carvalho Ribeiro Almeida Araújo Cardoso Conceição Gonçalves Nóbrega " +
					"Teixeira Mendonça Barbosa Magalhães Azevedo Figueiredo Leitão Assunção Simões Barros Tavares")},
		{4,
			words(
				"Lucía Javier María Alejandro Carmen Diego Elena Sergio Núria Álvaro Pilar Andrés Raquel Íñigo Rocío Manuel " +
					"Irene Joaquín Ángela Rubén"),
			words(
				"García Fernández López Sánchez Martínez Gómez Jiménez Ruiz Hernández Muñoz Álvarez Romero Navarro Domínguez " +
					"Vázquez Ramos Gil Serrano Molina Ortega Delgado Castro Ibáñez Peña")},
		{5,
			words(
				"Michael Jennifer Christopher Ashley Tyler Megan Brandon Madison Kevin Lauren Justin Kayla Ryan Brianna Eric " +
					"Nicole Jordan Taylor Marcus Denise"),
			words(
				"Johnson Williams Anderson Jackson Harris Robinson Coleman Brooks Griffin Hayes Sullivan Wallace Freeman " +
					"Simmons Patterson Jefferson Washington Gallagher Kowalczyk Hammond Bradley Stephens Cunningham Pierce")},
		{6,
			words(
				"Aarav Priya Rohan Ananya Vikram Deepika Arjun Kavya Sanjay Meera Rahul Isha Karthik Lakshmi Nikhil Pooja " +
					"Suresh Divya Amit Neha"),
			words(
				"Sharma Patel Iyer Reddy Gupta Nair Mehta Banerjee Chatterjee Kulkarni Deshpande Joshi Rao Kapoor Malhotra Bose " +
					"Menon Pillai Agarwal Srinivasan Venkataraman Chaudhary Bhat Naidu")},
		{7,
			words(
				"Haruto Yui Sota Aoi Ren Sakura Takumi Hina Kenji Naoko Daichi Misaki Hiroshi Keiko Yuto Ayaka Satoshi Emi Riku " +
					"Mei"),
			words(
				"Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Matsumoto " +
					"Inoue Kimura Hayashi Shimizu Saito Mori Ikeda Hashimoto Ogawa Fujita")},
		{8, words("Wei Min Jun Xin Hui Yan Lei Fang Tao Jing Hao Ling Bo Mei-Ling Kai Xiaoming Jian Yun Ping Qiang"),
			words("Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Zhu Ma Hu Guo Lin Luo Zheng Liang Tang Deng Feng Cao")},
		{9,
			words(
				"Mateusz Zofia Jakub Hanna Piotr Łucja Paweł Agnieszka Krzysztof Małgorzata Tomasz Grażyna Michał Żaneta " +
					"Wojciech Bożena Rafał Ewa Łukasz Kinga"),
			words(
				"Kowalski Nowak Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski " +
					"Jabłoński Mazur Krawczyk Piotrowski Grabowski Pawłowski Michalak Król Wieczorek Jaworski Stępień Górski " +
					"Rutkowski")},
		{10,
			words(
				"Erik Astrid Lars Ingrid Mikkel Freja Søren Maja Åsa Nils Henrik Elin Jens Sigrid Øyvind Karin Anders Solveig " +
					"Mads Linnéa"),
			words(
				"Johansson Lindqvist Bergström Nyström Åkesson Sjöberg Holm Dahl Østergaard Nygård Kjær Møller Sørensen Hagen " +
					"Strand Lund Ekström Forsberg Sandberg Hedlund Halvorsen Berglund Lindholm Bakke")},
		{11,
			words(
				"Amina Kwame Fatou Chidi Zainab Tunde Ngozi Kofi Abena Oluwaseun Thandiwe Sipho Lerato Themba Nomsa Jabu Ayanda " +
					"Bongani Zanele Mandla"),
			words(
				"Okafor Mensah Diallo Adeyemi Nkosi Dlamini Okonkwo Boateng Traoré Abubakar Ndlovu Mokoena Owusu Eze Balogun " +
					"Khumalo Sithole Osei Nwosu Zulu Mahlangu Kamau Otieno Wanjiru")},
		{12,
			words(
				"Omar Layla Yusuf Noor Karim Salma Hassan Yasmin Tariq Rania Khalid Dina Samir Huda Nabil Leila Ibrahim Mona " +
					"Faisal Amal"),
			words(
				"Haddad Khoury Al-Masri El-Sayed Mansour Nasser Saleh Aziz Farouk Rahman Darwish Shaheen Qasim Hamdan Issa " +
					"Najjar Bishara Sabbagh Fakhoury Zaki Tawfik Barakat Salem Rizk")},
		{13,
			words(
				"Minh Lan Anh Huong Tuan Linh Duc Mai Siti Budi Dewi Agus Somchai Malee Jose-Maria Althea Rizal Ligaya Putri " +
					"Wayan"),
			words(
				"Nguyen Tran Pham Hoang Phan Vu Dang Bui Do Santoso Wijaya Setiawan Hartono Suwannarat Chaiyasit dela-Cruz " +
					"Reyes Bautista Mendoza Villanueva Kusuma Pratama Lestari Srisai")},
		{14,
			words(
				"Jisoo Minjun Seoyeon Jiho Hayoon Dohyun Sujin Taeyang Eunji Junho Yuna Sungmin Hyejin Woojin Nari Kyung Soyeon " +
					"Jaemin Bora Hyun"),
			words(
				"Kim Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Jeon Hong Yoo Moon Baek Nam Heo")},
		{15,
			words(
				"Giulia Marco Francesca Alessandro Chiara Matteo Martina Lorenzo Elisa Davide Federica Niccolò Serena Stefano " +
					"Paola Enrico Ilaria Riccardo Silvia Giovanni"),
			words(
				"Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De-Luca Mancini Costa " +
					"Giordano Rizzo Lombardi Moretti Barbieri Fontana Caruso D'Angelo")},
	}
}

// asciiLetters replaces letters whose ASCII form is not simply without a mark.
var asciiLetters = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "oe", "å", "aa", "æ", "ae",
	"á", "a", "à", "a", "â", "a", "ã", "a", "ą", "a", "ç", "c", "ć", "c",
	"é", "e", "è", "e", "ê", "e", "ë", "e", "ę", "e", "í", "i", "î", "i", "ï", "i",
	"ł", "l", "ñ", "n", "ń", "n", "ó", "o", "ò", "o", "ô", "o", "õ", "o",
	"ś", "s", "ú", "u", "û", "u", "ź", "z", "ż", "z", "'", "", "-", "",
)

// fold is the form of a name in mail addresses and account names.
func fold(name string) string { return asciiLetters.Replace(strings.ToLower(name)) }

// place is the place of a name in the stock: culture, given name and surname.
type place struct{ culture, given, surname int }

// initials distinguish people with the same name, before numbers do.
const initials = "ABCDEFGHJKLMNPRSTVW"

// name is that of the i-th person: unique by given name, surname, initial and number.
func (c *Company) name(i int) (p place, initial string, number int) {
	cycle := i / c.pairs
	n := c.permute(uint64(i%c.pairs), uint64(c.pairs))
	for ci, k := range c.names {
		size := uint64(len(k.given) * len(k.surname))
		if n < size {
			p = place{ci, int(n) % len(k.given), int(n) / len(k.given)}
			break
		}
		n -= size
	}
	if cycle == 0 {
		return p, "", 0
	}
	cycle--
	initial = string(initials[cycle%len(initials)])
	return p, initial, cycle / len(initials)
}

// permute maps [0,n) onto itself: a Feistel network on the next even number of bits, repeated until
// the result is below n.
func (c *Company) permute(x, n uint64) uint64 {
	half := uint(1)
	for uint64(1)<<(2*half) < n {
		half++
	}
	mask := uint64(1)<<half - 1
	for {
		l, r := x>>half, x&mask
		for round := range uint64(4) {
			l, r = r, l^(c.chance(forName, round<<32|r)&mask)
		}
		x = l<<half | r
		if x < n {
			return x
		}
	}
}
